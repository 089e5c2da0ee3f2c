"""What stores of all kinds share: databases with migrations, objects in folders and buckets, failures."""
