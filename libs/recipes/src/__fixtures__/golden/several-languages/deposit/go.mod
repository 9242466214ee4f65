module example.org/figures

go 1.21

replace example.org/plot => ./plot
