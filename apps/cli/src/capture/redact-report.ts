/** Takes out of a report what names one machine or one person. Archived bytes can never be withdrawn. */

/** `Serial` of ARM boards; the `identification` of s390 holds the serial number of the machine. */
export function redactCpuinfo(text: string): string {
  return text
    .split('\n')
    .filter((line) => !/^serial\s*:/i.test(line))
    .map((line) => line.replace(/(\bidentification\s*=\s*)[0-9A-Fa-f]+/, '$1000000'))
    .join('\n');
}

const NVIDIA_PRIVATE = [
  'serial',
  'uuid',
  'board_id',
  'gpu_part_number',
  'pci_bus_id',
  'process_info',
  'accounted_process_info',
];

/** Elements stay, empty, so that the report is still of its document type. */
export function redactNvidiaSmi(xml: string): string {
  return NVIDIA_PRIVATE.reduce(
    (text, name) => text.replace(new RegExp(`<${name}>[\\s\\S]*?</${name}>`, 'g'), `<${name}></${name}>`),
    xml.replace(/(<gpu\b[^>]*\bid=")[^"]*"/g, '$1"'),
  );
}
