// Command spectrum writes the eigenvalues of a Hilbert matrix.
package main

import (
	"fmt"
	"os"

	"gonum.org/v1/gonum/mat"
)

func main() {
	const n = 8
	hilbert := mat.NewSymDense(n, nil)
	for i := 0; i < n; i++ {
		for j := i; j < n; j++ {
			hilbert.SetSym(i, j, 1/float64(i+j+1))
		}
	}
	var eigen mat.EigenSym
	if !eigen.Factorize(hilbert, false) {
		fmt.Fprintln(os.Stderr, "the matrix has no spectrum")
		os.Exit(1)
	}
	file, err := os.Create("spectrum.csv")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	defer file.Close()
	fmt.Fprintln(file, "index,eigenvalue")
	for i, value := range eigen.Values(nil) {
		fmt.Fprintf(file, "%d,%.12e\n", i, value)
	}
}
