"""How content gets into its languages: which texts are there, and the columns of added languages."""
