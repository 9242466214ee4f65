// Deprecated: use example.org/lab/next
module example.org/lab/analysis

go 1.22.0

toolchain go1.22.5

require example.org/Numerics/blas v0.14.0

require (
	example.org/plot/v3 v3.2.1 // indirect
	example.org/old v4.5.6+incompatible // indirect; kept for the archive
	example.org/table v0.0.0-20180830191138-d8f796af33cc // of the last day
	"example.org/quoted" v1.2 //indirect
	gopkg.in/yaml.v3 v3.0.1

	// example.org/never v9.9.9
	example.org/fork v1.0.0
	example.org/local v0.1.0
	example.org/bad v1.1.0
)

replace (
	example.org/fork v1.0.0 => example.org/mirror/fork v1.0.1
	example.org/fork => example.org/other/fork v1.0.2
)

replace example.org/local => ../local

exclude example.org/bad v1.1.0

retract [v1.0.0, v1.9.9] // wrong sums

tool example.org/tool/cmd
