"""What things are: frozen values in the field's own words. Standard library only, no I/O."""
