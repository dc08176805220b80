"""What an installation may set, and the vocabularies of claims."""
