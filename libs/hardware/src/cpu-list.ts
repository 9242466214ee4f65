/**
 * Counts the CPUs of a kernel CPU list such as `0-3,8` or `0-7:2/4`
 * (https://docs.kernel.org/admin-guide/kernel-parameters.html, "The standard cpu-list format").
 * @returns null when the text is not such a list
 */
export function countCpuList(list: string): number | null {
  if (list === '') return 0;
  let count = 0;
  for (const item of list.split(',')) {
    const range = /^(?<from>\d{1,6})(?:-(?<to>\d{1,6})(?::(?<used>\d{1,6})\/(?<group>\d{1,6}))?)?$/.exec(
      item.trim(),
    )?.groups;
    if (range === undefined) return null;
    const from = Number(range['from']);
    const to = Number(range['to'] ?? from);
    const group = Number(range['group'] ?? 1);
    const used = Number(range['used'] ?? 1);
    if (to < from || group === 0 || used > group) return null;
    const size = to - from + 1;
    count += Math.floor(size / group) * used + Math.min(size % group, used);
  }
  return count;
}
