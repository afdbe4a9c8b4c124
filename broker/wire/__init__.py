"""The format on the wire: envelopes, sealed blocks, strict Avro. Keys are passed in; it looks none up."""
