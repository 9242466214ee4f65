// The logistic map on its way into chaos, as a figure.
const { writeFileSync } = require('node:fs');

async function main() {
  const { scaleLinear } = await import('d3-scale');
  const { line } = await import('d3-shape');
  const x = scaleLinear([0, 60], [40, 560]);
  const y = scaleLinear([0, 1], [360, 20]);
  const paths = [2.8, 3.4, 3.9].map((rate, index) => {
    const points = [];
    for (let step = 0, value = 0.2; step <= 60; step += 1, value = rate * value * (1 - value)) points.push([step, value]);
    const drawn = line(
      (point) => x(point[0]),
      (point) => y(point[1]),
    )(points);
    return `<path d="${String(drawn)}" fill="none" stroke="${['#0b6', '#06b', '#b06'][index]}"/>`;
  });
  const size = 'width="600" height="400" viewBox="0 0 600 400"';
  writeFileSync('figure1.svg', `<svg xmlns="http://www.w3.org/2000/svg" ${size}>${paths.join('')}</svg>\n`);
}

void main();
