"""The organization, its offices with their sections and quotations, and the countries they cover."""
