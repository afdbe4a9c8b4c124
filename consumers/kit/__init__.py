"""What an agency runs to publish events and to receive deliveries."""
