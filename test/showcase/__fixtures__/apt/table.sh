#!/bin/sh
# The areas of circles, to twenty places.
set -eu
printf 'radius,area\n' > table.csv
for radius in 1 2 3 5 8 13; do
  printf '%s,%s\n' "$radius" "$(printf 'scale=20; 4*a(1)*%s^2\n' "$radius" | bc -l)" >> table.csv
done
gawk -F, 'NR > 1 { sum += $2 } END { printf "sum,%.6f\n", sum }' table.csv >> table.csv
