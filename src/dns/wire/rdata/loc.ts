// LOC: where on earth the owner is (RFC 1876).
import { rrType } from '../rr-type.ts';
import type { WireReader } from '../reader.ts';
import { nameless } from './field.ts';
import { defineWhole } from './record-type.ts';
import type { RecordType } from './record-type.ts';
import type { TokenReader } from './token-reader.ts';

export type LocData =
  | {
      readonly kind: 'place';
      /** Thousandths of a second of arc; north is positive. */
      readonly latitude: number;
      /** Thousandths of a second of arc; east is positive. */
      readonly longitude: number;
      /** Centimetres above the WGS 84 spheroid. */
      readonly altitude: number;
      /** Diameter of a sphere around the thing, centimetres; as are the precisions. One digit and zeros. */
      readonly size: number;
      readonly horizontalPrecision: number;
      readonly verticalPrecision: number;
    }
  /** RFC 1876 §2: nothing may be assumed of other versions than 0; nor have sizes of two ways to write them a text form. */
  | { readonly kind: 'opaque'; readonly octets: Uint8Array };

const equator = 0x8000_0000;
const maxLatitude = 90 * 3_600_000;
const maxLongitude = 180 * 3_600_000;
/** Centimetres below the spheroid at which altitudes start. */
const datum = 10_000_000;

/* MSB                                           LSB
  +--+--+--+--+--+--+--+--+--+--+--+--+--+--+--+--+
 0|        VERSION        |         SIZE          |
 2|       HORIZ PRE       |       VERT PRE        |
 4|                   LATITUDE                    |
 8|                   LONGITUDE                   |
12|                   ALTITUDE                    |
  +--+--+--+--+--+--+--+--+--+--+--+--+--+--+--+--+ */
export const loc: RecordType<LocData> = defineWhole<LocData>(
  rrType.LOC,
  'LOC',
  nameless({
    read,
    skip: (reader) => void read(reader),
    write: (writer, data) => {
      if (data.kind === 'opaque') return writer.put(data.octets);
      writer.u8(0);
      writer.u8(octetOfSize(data.size));
      writer.u8(octetOfSize(data.horizontalPrecision));
      writer.u8(octetOfSize(data.verticalPrecision));
      writer.u32(equator + data.latitude);
      writer.u32(equator + data.longitude);
      writer.u32(datum + data.altitude);
    },
    parse: (tokens) => ({
      kind: 'place',
      latitude: parseAngle(tokens, 'latitude', maxLatitude, 'N', 'S'),
      longitude: parseAngle(tokens, 'longitude', maxLongitude, 'E', 'W'),
      altitude: parseMetres(tokens, 'altitude', -datum, 0xffff_ffff - datum),
      // RFC 1876 §3: the defaults are 1 m, 10,000 m and 10 m.
      size: parseSize(tokens, 'size', 100),
      horizontalPrecision: parseSize(tokens, 'horizontal precision', 1_000_000),
      verticalPrecision: parseSize(tokens, 'vertical precision', 1000),
    }),
    format: (data) => {
      if (data.kind === 'opaque') return undefined;
      return [
        formatAngle(data.latitude, 'N', 'S'),
        formatAngle(data.longitude, 'E', 'W'),
        `${(data.altitude / 100).toFixed(2)}m`,
        formatSize(data.size),
        formatSize(data.horizontalPrecision),
        formatSize(data.verticalPrecision),
      ].join(' ');
    },
  }),
);

function read(reader: WireReader): LocData {
  const start = reader.at;
  const version = reader.u8();
  if (version !== 0) {
    reader.rest();
    return { kind: 'opaque', octets: reader.bytes.subarray(start, reader.at) };
  }
  const [size, horizontalPrecision, verticalPrecision] = [
    sizeOfOctet(reader),
    sizeOfOctet(reader),
    sizeOfOctet(reader),
  ];
  const latitude = reader.u32() - equator;
  const longitude = reader.u32() - equator;
  const altitude = reader.u32() - datum;
  if (Math.abs(latitude) > maxLatitude || Math.abs(longitude) > maxLongitude)
    reader.fail('a place beyond the poles');
  if (size === undefined || horizontalPrecision === undefined || verticalPrecision === undefined)
    return { kind: 'opaque', octets: reader.bytes.subarray(start, reader.at) };
  return { kind: 'place', latitude, longitude, altitude, size, horizontalPrecision, verticalPrecision };
}

/** Two decimal digits, a factor and a power of ten, in centimetres; `undefined` for a zero that has a power. */
function sizeOfOctet(reader: WireReader): number | undefined {
  const octet = reader.u8();
  const [factor, power] = [octet >>> 4, octet & 15];
  if (factor > 9 || power > 9) reader.fail('a size whose digits are not decimal');
  return factor === 0 && power > 0 ? undefined : factor * 10 ** power;
}

/** The first digit counts, the others are taken as zeros, as RFC 1876 appendix A does. */
function octetOfSize(centimetres: number): number {
  if (centimetres < 1) return 0;
  const digits = String(Math.floor(centimetres));
  return (Number(digits[0]) << 4) | (digits.length - 1);
}

function parseAngle(tokens: TokenReader, what: string, most: number, plus: string, minus: string): number {
  const degrees = tokens.integer(`degrees of the ${what}`, most / 3_600_000);
  let thousandths = degrees * 3_600_000;
  if (/^\d+$/.test(tokens.peek()?.text ?? '')) {
    thousandths += tokens.integer(`minutes of the ${what}`, 59) * 60_000;
    if (/^\d/.test(tokens.peek()?.text ?? '')) {
      const seconds = tokens.word(`seconds of the ${what}`);
      if (!/^[0-5]?\d(?:\.\d{1,3})?$/.test(seconds))
        tokens.fail(`the seconds of the ${what} must be below 60, with 3 decimals at most, not '${seconds}'`);
      thousandths += Math.round(Number(seconds) * 1000);
    }
  }
  const side = tokens.word(`${plus} or ${minus} of the ${what}`).toUpperCase();
  if (side !== plus && side !== minus) tokens.fail(`the ${what} must end in ${plus} or ${minus}`);
  if (thousandths > most) tokens.fail(`the ${what} is above ${most / 3_600_000} degrees`);
  return tokens.fault === undefined ? (side === plus ? thousandths : -thousandths) : 0;
}

function parseMetres(tokens: TokenReader, what: string, least: number, most: number): number {
  const word = tokens.word(what);
  const metres = /^(-?\d{1,8}(?:\.\d{1,2})?)m?$/i.exec(word)?.[1];
  const centimetres = Math.round(Number(metres) * 100);
  if (metres !== undefined && centimetres >= least && centimetres <= most) return centimetres;
  tokens.fail(`the ${what} must be from ${least / 100}m to ${most / 100}m, not '${word}'`);
  return 0;
}

function parseSize(tokens: TokenReader, what: string, otherwise: number): number {
  return tokens.remaining === 0 ? otherwise : parseMetres(tokens, what, 0, 9_000_000_000);
}

function formatAngle(thousandths: number, plus: string, minus: string): string {
  const absolute = Math.abs(thousandths);
  const degrees = Math.floor(absolute / 3_600_000);
  const minutes = Math.floor((absolute % 3_600_000) / 60_000);
  const seconds = ((absolute % 60_000) / 1000).toFixed(3);
  return `${degrees} ${minutes} ${seconds} ${thousandths < 0 ? minus : plus}`;
}

function formatSize(centimetres: number): string {
  return `${centimetres >= 100 ? centimetres / 100 : (centimetres / 100).toFixed(2)}m`;
}
