"""What Django offers as template tags and as functions too; in Jinja2 templates they are globals."""
