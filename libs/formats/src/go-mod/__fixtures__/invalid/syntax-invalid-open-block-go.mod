module example.org/a

require (
	example.org/b v1.0.0
