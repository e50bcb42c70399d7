"""HTTP: the public function."""
