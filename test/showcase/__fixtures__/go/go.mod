module example.org/spectrum

go 1.19

require gonum.org/v1/gonum v0.12.0
