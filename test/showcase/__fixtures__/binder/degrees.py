"""Degrees of a social network, drawn with gnuplot."""

import subprocess

import networkx

graph = networkx.read_edgelist("karate.edges")
with open("degrees.csv", "w") as file:
    for node, degree in sorted(graph.degree, key=lambda pair: int(pair[0])):
        print(f"{node},{degree}", file=file)
script = "set terminal svg size 480,320; set output 'degrees.svg'; set datafile separator ','; plot 'degrees.csv' with boxes"
subprocess.run(["gnuplot", "-e", script], check=True)
