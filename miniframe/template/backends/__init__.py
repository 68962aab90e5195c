"""The template engines that settings.TEMPLATES can name."""
