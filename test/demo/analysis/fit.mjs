// The analysis of the demonstration: a parabola through measured points, and its figure.
//   node fit.mjs data.csv figure2.svg
// Only + - * / are used, which IEEE 754 rounds alike everywhere: the same data gives the same figure, to the byte.
import { readFileSync, writeFileSync } from 'node:fs';

const [dataFile = 'data.csv', figureFile = 'figure2.svg'] = process.argv.slice(2);

const points = readFileSync(dataFile, 'utf8')
  .trim()
  .split('\n')
  .slice(1)
  .map((line) => line.split(',').map(Number));

const [a, b, c] = leastSquares(points);
writeFileSync(
  figureFile,
  figure(points, (x) => a + b * x + c * x * x),
);
process.stdout.write(`y = ${a.toFixed(4)} + ${b.toFixed(4)} x + ${c.toFixed(4)} x^2 from ${points.length} points\n`);

/** Coefficients of 1, x and x^2 by the normal equations. */
function leastSquares(samples) {
  const matrix = [0, 1, 2].map((row) => [
    ...[0, 1, 2].map((column) => sum(samples, ([x]) => power(x, row + column))),
    sum(samples, ([x, y]) => power(x, row) * y),
  ]);
  for (let pivot = 0; pivot < 3; pivot += 1) {
    for (let row = 0; row < 3; row += 1) {
      if (row === pivot) continue;
      const factor = matrix[row][pivot] / matrix[pivot][pivot];
      matrix[row] = matrix[row].map((value, column) => value - factor * matrix[pivot][column]);
    }
  }
  return matrix.map((row, index) => row[3] / row[index]);
}

function sum(samples, of) {
  return samples.reduce((total, sample) => total + of(sample), 0);
}

function power(x, exponent) {
  let result = 1;
  for (let i = 0; i < exponent; i += 1) result *= x;
  return result;
}

function figure(samples, fit) {
  const left = (x) => (40 + x * 52).toFixed(2);
  const top = (y) => (360 - y * 11).toFixed(2);
  const dots = samples.map(([x, y]) => `<circle cx="${left(x)}" cy="${top(y)}" r="2"/>`).join('\n');
  const curve = Array.from({ length: 101 }, (_, i) => `${left(i / 10)},${top(fit(i / 10))}`).join(' ');
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 600 400">
<rect width="600" height="400" fill="white"/>
<path d="M40 20V360H580" fill="none" stroke="black"/>
<g fill="steelblue">
${dots}
</g>
<polyline points="${curve}" fill="none" stroke="firebrick" stroke-width="2"/>
<text x="300" y="390" font-family="sans-serif" font-size="14">Figure 2</text>
</svg>
`;
}
