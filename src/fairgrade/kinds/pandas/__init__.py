"""Tables, columns and labels of pandas, and what stands in them."""
