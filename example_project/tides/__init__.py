"""The tide tables of Port Merrow."""
