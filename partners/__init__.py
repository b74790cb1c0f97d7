"""Partners of the organization, and the partnerships of its offices with them."""
