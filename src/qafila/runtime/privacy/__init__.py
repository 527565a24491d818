"""What is about a person lies sealed under a key of that person in that order: erasing the key erases it, in every copy."""
