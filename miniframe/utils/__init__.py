"""Small tools that know nothing of the framework; a closed list, one noun a file."""
