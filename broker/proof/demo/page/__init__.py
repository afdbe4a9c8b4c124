"""Page: the evening as one file that opens without a network; for the governance officer, or for one desk."""
