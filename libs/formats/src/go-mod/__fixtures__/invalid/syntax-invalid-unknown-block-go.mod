module example.org/a

go 1.18

requier (
	example.org/b v1.0.0
)
