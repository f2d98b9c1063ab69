"""How a result reaches people and programs: table, plain rows, TSV, versioned JSON, names."""
