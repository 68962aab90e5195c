"""A site written for Django."""
