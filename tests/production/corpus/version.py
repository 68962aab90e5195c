"""What a reload has to bring in: a test writes another value here."""

VERSION = "one"
