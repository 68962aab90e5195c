"""The application that every server of the corpus serves: copied into a project that `startproject` has made."""
