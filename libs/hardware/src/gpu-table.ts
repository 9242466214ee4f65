/**
 * CUDA's compute capability by product name, after NVIDIA's list (https://developer.nvidia.com/cuda-gpus and its page of
 * legacy GPUs). Names are matched by their first words, so that memory sizes and form factors need no line of their own.
 * Version of the table: 2026-11.
 */
export const GPU_TABLE_VERSION = '2026-11';

interface Product {
  readonly capability: string;
  /** Matched against the name without its vendor words. */
  readonly name: RegExp;
}

const PRODUCTS: readonly Product[] = [
  // data centre
  { capability: '12.1', name: /^GB10\b/ },
  { capability: '10.3', name: /^(?:GB300|B300)\b/ },
  { capability: '10.0', name: /^(?:GB200|B200|B100)\b/ },
  { capability: '9.0', name: /^(?:GH200|H200|H100|H800|H20)\b/ },
  { capability: '8.9', name: /^(?:L40S?|L20|L4|L2)\b/ },
  { capability: '8.6', name: /^(?:A40|A16|A10G?|A10M|A2)\b/ },
  { capability: '8.0', name: /^(?:A800|A30X?|A100[A-Z]{0,2})\b/ },
  { capability: '7.5', name: /^(?:T4G?)\b/ },
  { capability: '7.0', name: /^V100S?\b/ },
  { capability: '6.1', name: /^(?:P40|P4|P6)\b/ },
  { capability: '6.0', name: /^P100\b/ },
  { capability: '5.2', name: /^(?:M60|M40|M6|M4)\b/ },
  { capability: '5.0', name: /^M10\b/ },
  { capability: '3.7', name: /^K80\b/ },
  { capability: '3.5', name: /^(?:K40[a-z]?|K20[a-zX]{0,2})\b/ },
  { capability: '3.0', name: /^K10\b/ },
  { capability: '2.0', name: /^(?:[CMS]20[57]\d|M2090)\b/ },
  // workstation
  { capability: '12.0', name: /^RTX PRO \d{4}\b.*\bBlackwell\b/ },
  { capability: '8.9', name: /^RTX \d{3,4}(?: SFF)? Ada\b/ },
  { capability: '8.6', name: /^RTX A(?:500|1000|2000|3000|4000|4500|5000|5500|6000)\b/ },
  { capability: '7.5', name: /^RTX [34568]000\b/ },
  { capability: '7.5', name: /^(?:T400|T500|T550|T600|T1000|T1200|T2000)\b/ },
  { capability: '7.0', name: /^GV100\b/ },
  { capability: '6.1', name: /^P(?:400|500|520|600|620|1000|2000|2200|3000|3200|4000|4200|5000|5200|6000)\b/ },
  { capability: '6.0', name: /^GP100\b/ },
  { capability: '5.2', name: /^M(?:2000|4000|5000|6000)\b/ },
  { capability: '5.0', name: /^(?:K620|K1200|K2200|M1000M|M1200|M2000M)\b/ },
  { capability: '3.5', name: /^K(?:5200|6000)\b/ },
  { capability: '3.0', name: /^K(?:420|600|2000|2000D|4000|4200|5000)\b/ },
  // consumer
  { capability: '12.0', name: /^RTX 50\d0\b/ },
  { capability: '8.9', name: /^RTX 40\d0\b/ },
  { capability: '8.6', name: /^RTX (?:30[5-9]0|2050)\b/ },
  { capability: '7.5', name: /^(?:RTX 20[678]0|GTX 16[356]0|MX450|MX550|TITAN RTX)\b/ },
  { capability: '8.6', name: /^MX570\b/ },
  { capability: '7.0', name: /^TITAN V\b/ },
  {
    capability: '6.1',
    name: /^(?:GTX 10[5-8]0|GT 1030|GT 1010|MX150|MX250|MX330|MX350|TITAN X[Pp]|TITAN X \(Pascal\))/,
  },
  { capability: '5.2', name: /^(?:GTX 9[5-8]0|GTX TITAN X)\b/ },
  { capability: '5.0', name: /^(?:GTX 750|GTX 745|9[34]0MX?|MX110|MX130)\b/ },
  { capability: '3.5', name: /^(?:GTX 780|GTX TITAN|GT 710)\b/ },
  { capability: '3.0', name: /^GTX 6[5-9]0\b/ },
  // boards
  { capability: '11.0', name: /^(?:Jetson )?(?:AGX )?Thor\b/ },
  { capability: '8.7', name: /^(?:Jetson )?(?:AGX |NX |Nano )?Orin\b/ },
  { capability: '7.2', name: /^(?:Jetson )?(?:AGX |NX )?Xavier\b/ },
];

const VENDOR_WORDS = /^(?:NVIDIA|Tesla|Quadro|GeForce|GRID)\s+/i;

/** @returns null when the product is not in the table: nothing is guessed from likeness */
export function computeCapabilityOf(product: string): string | null {
  const short = product.trim().slice(0, 200);
  // The PCI list writes the chip first: `GA100 [A100 PCIe 40GB]`.
  let name = /\[(?<product>[^\]]+)\]/.exec(short)?.groups?.['product'] ?? short;
  // At most three vendor words stand before a name; each pass takes one away.
  for (let pass = 0; pass < 3; pass += 1) name = name.replace(VENDOR_WORDS, '');
  return PRODUCTS.find((each) => each.name.test(name))?.capability ?? null;
}
