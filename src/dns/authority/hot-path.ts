// Answers the plain questions, almost all there are, straight from the zone image: opcode QUERY, one question of class IN for a data
// type, nothing behind it but an OPT record. The rules are those of `answer-question.ts`, which answers the rest, and a test holds
// the two together.
//
// A hot path, and so one class with fields in place of small functions with results: for each query it makes no object. RRsets are copied
// from the image as they stand there, and only where a name is another one than they were encoded for (a wildcard, a referral from below,
// a chain) pointers are set right. Measure it by bench/micro/authority-answer.ts.
import { rcode, rrClass } from '../wire/codes.ts';
import { extendedError } from '../wire/edns-option.ts';
import { headerLength } from '../wire/message-decoder.ts';
import { rrType } from '../wire/rr-type.ts';
import {
  answerStart,
  directoryKey,
  fixKind,
  negativeSoaKey,
  nodeEntry,
  stateFlag,
  targetFlag,
  zoneEntry,
} from '../zone/image-layout.ts';
import { NameProbe } from '../zone/name-probe.ts';
import { noImage } from '../zone/shared-zones.ts';
import type { SharedZones } from '../zone/shared-zones.ts';
import { ZoneSearch, ending } from '../zone/zone-image.ts';
import type { ZoneImage } from '../zone/zone-image.ts';
import { zoneStatus } from '../zone/zone-index.ts';
import type { AnswerProtocol } from '../protocol/answer-protocol.ts';
import { answerKind, rateVerdict } from '../protocol/rate-limiter.ts';

/** The query isn't plain, or its answer isn't: it goes the long way. `out` may have been scribbled on. */
export const notPlain = -2;

/** Without EDNS (RFC 1035 §4.2.1). */
const plainUdpSize = 512;
/** CNAMEs followed for one question. */
const longestChain = 16;
/** What a pointer can reach: 14 bits. */
const pointerReach = 0x4000;
/** Additional RRsets of one answer, so that each is in it once; one that would have more goes the long way. */
const mostAdditional = 64;
/** Short copies are faster octet by octet than through a view made for them. */
const shortCopy = 96;

const keyOfNs = directoryKey(rrType.NS);
const keyOfSoaSignatures = directoryKey(rrType.RRSIG, rrType.SOA) | 0;
const keyOfCname = directoryKey(rrType.CNAME);

export class HotPath {
  readonly #zones: SharedZones;
  readonly #protocol: AnswerProtocol;
  readonly #minimal: boolean;
  readonly #question = new NameProbe();
  readonly #target = new NameProbe();
  readonly #glue = new NameProbe();
  readonly #search = new ZoneSearch();
  readonly #glueSearch = new ZoneSearch();

  #image: ZoneImage = noImage;
  #zone = 0;
  #version = 0;
  #type = 0;
  #dnssecOk = false;

  #out: Uint8Array = new Uint8Array(0);
  /** Where the message starts in `#out`, where the next octet goes, and where the sections must end. */
  #start = 0;
  #at = 0;
  #end = 0;

  /** The name that is looked for; where it stands in the message: at one place, or label by label. */
  #name: NameProbe = this.#question;
  #nameAt = headerLength;
  #isLinear = true;
  readonly #labelAt = new Int32Array(256);
  readonly #chainName = new Uint8Array(256);

  #answers = 0;
  #authorities = 0;
  #additionals = 0;
  #authoritative = false;
  #truncated = false;
  /** Something was too much for this class. */
  #declined = false;
  #code = 0;
  #kind = 0;
  #about = 0;

  /** The answering RRset: where it stands in the message, its owner's pointer, its node. */
  #answer = 0;
  #answerAt = 0;
  #answerOwner = 0;
  #answerNode = 0;
  readonly #added = new Int32Array(2 * mostAdditional);
  #addedCount = 0;

  /** `minimal`: as `AnswerOptions.minimalResponses`. */
  constructor(zones: SharedZones, protocol: AnswerProtocol, minimal: boolean) {
    this.#zones = zones;
    this.#protocol = protocol;
    this.#minimal = minimal;
  }

  /**
   * Answers the query that lies in `query` from `at` into `out` from `outAt`, in at most `limit` octets (512 at least) and what the client takes.
   * The protocol has been told of the client. Gives the answer's length, 0 where nothing must be said, or {@link notPlain}.
   */
  answer(
    query: Uint8Array,
    at: number,
    length: number,
    out: Uint8Array,
    outAt: number,
    limit: number,
  ): number {
    if (length < headerLength) return 0;
    const flags = query[at + 2] ?? 0;
    if ((flags & 0x80) !== 0) return 0;
    // Opcode QUERY, one question, no answers and authorities, at most one more record.
    if ((flags & 0x78) !== 0 || query[at + 4] !== 0 || query[at + 5] !== 1) return notPlain;
    if (u16(query, at + 6) !== 0 || u16(query, at + 8) !== 0 || query[at + 10] !== 0) return notPlain;
    const question = this.#question;
    const end = at + length;
    const nameLength = question.read(query, at + headerLength, end);
    if (nameLength === 0) return notPlain;
    const nameEnd = at + headerLength + nameLength;
    const questionEnd = nameEnd + 4;
    if (questionEnd > end || query[nameEnd + 2] !== 0 || query[nameEnd + 3] !== rrClass.IN) return notPlain;
    const type = u16(query, nameEnd);
    // RFC 6895 §3.1: no data types. Signatures stand with what they cover.
    if (type === 0 || type === rrType.OPT || type === rrType.RRSIG || (type >= 128 && type <= 255))
      return notPlain;

    const protocol = this.#protocol;
    let edns = false;
    let dnssecOk = false;
    let most = 0;
    let room = limit;
    if (query[at + 11] === 0) {
      if (questionEnd !== end) return notPlain;
      protocol.readOptions(query, end, end);
      if (protocol.transport === 'udp' && room > plainUdpSize) room = plainUdpSize;
    } else {
      // One OPT record of version 0 that reaches to the end (RFC 6891 §6.1.2).
      if (query[at + 11] !== 1 || questionEnd + 11 > end || query[questionEnd] !== 0) return notPlain;
      if (u16(query, questionEnd + 1) !== rrType.OPT || query[questionEnd + 6] !== 0) return notPlain;
      if (questionEnd + 11 + u16(query, questionEnd + 9) !== end) return notPlain;
      edns = true;
      dnssecOk = ((query[questionEnd + 7] ?? 0) & 0x80) !== 0;
      most = protocol.readOptions(query, questionEnd + 11, end);
      if (most < 0) return notPlain;
      if (protocol.transport === 'udp') {
        // RFC 6891 §6.2.3: less than 512 counts as 512.
        const size = u16(query, questionEnd + 3);
        if (size < room) room = size < plainUdpSize ? plainUdpSize : size;
      }
    }
    this.#out = out;
    this.#start = outAt;
    this.#type = type;
    this.#dnssecOk = dnssecOk;
    this.#at = outAt + (questionEnd - at);
    this.#end = outAt + room - most;
    this.#answers = 0;
    this.#authorities = 0;
    this.#additionals = 0;
    this.#truncated = false;
    this.#declined = false;
    this.#code = rcode.NOERROR;
    this.#copyQuestion(query, at, questionEnd);
    this.#findAnswer();
    // The zone may be replaced before the next question, and what it lay in must not be kept by us.
    this.#image = noImage;
    if (this.#declined) return notPlain;

    if (protocol.limited) {
      const verdict = protocol.verdict(this.#kind, this.#about);
      if (verdict === rateVerdict.drop) return 0;
      if (verdict === rateVerdict.slip) this.#slip(questionEnd - at, edns);
    }
    const code = this.#code;
    if (edns) {
      this.#at = protocol.writeOpt(out, outAt, this.#at, room, code, dnssecOk);
      this.#additionals += 1;
    }

    out[outAt] = query[at] ?? 0;
    out[outAt + 1] = query[at + 1] ?? 0;
    // QR set; opcode and RD as they came (RFC 1035 §4.1.1); CD and AD clear (RFC 4035 §3.1.6).
    out[outAt + 2] = 0x80 | (flags & 1) | (this.#authoritative ? 4 : 0) | (this.#truncated ? 2 : 0);
    out[outAt + 3] = code & 15;
    out[outAt + 4] = 0;
    out[outAt + 5] = 1;
    put16(out, outAt + 6, this.#answers);
    put16(out, outAt + 8, this.#authorities);
    put16(out, outAt + 10, this.#additionals);
    return this.#at - outAt;
  }

  #copyQuestion(query: Uint8Array, at: number, end: number): void {
    const out = this.#out;
    const shift = this.#start - at;
    for (let from = at + headerLength; from < end; from++) out[from + shift] = query[from] ?? 0;
  }

  /** In place of the answer: TC, so that a real client comes over TCP; one with a cookie is told ours (RFC 7873 §5.2.3). */
  #slip(questionEnd: number, edns: boolean): void {
    this.#at = this.#start + questionEnd;
    this.#answers = 0;
    this.#authorities = 0;
    this.#additionals = 0;
    this.#authoritative = false;
    const byCookie = edns && this.#protocol.hasCookie;
    this.#truncated = !byCookie;
    this.#code = byCookie ? rcode.BADCOOKIE : rcode.NOERROR;
  }

  /** RFC 1034 §4.3.2 step 2; a DS RRset stands in the zone above the one of its name (RFC 4035 §3.1.4.1). */
  #findZone(name: NameProbe): number {
    const zones = this.#zones;
    if (this.#type === rrType.DS && name.labels > 0) {
      const status = zones.find(name, name.labels - 1);
      if (status !== zoneStatus.none) return status;
    }
    return zones.find(name, name.labels);
  }

  #findAnswer(): void {
    this.#name = this.#question;
    this.#nameAt = headerLength;
    this.#isLinear = true;
    this.#authoritative = false;
    this.#about = 0;
    this.#kind = answerKind.error;
    const status = this.#findZone(this.#question);
    if (status === zoneStatus.none) {
      this.#code = rcode.REFUSED;
      this.#protocol.explain(extendedError.NOT_AUTHORITATIVE);
      return;
    }
    if (status === zoneStatus.withheld) {
      this.#code = rcode.SERVFAIL;
      this.#protocol.explain(extendedError.NOT_READY);
      return;
    }
    // RFC 1035 §4.1.1: AA is about the name asked for, and so about the first of a chain.
    this.#authoritative = true;
    this.#kind = answerKind.positive;
    this.#image = this.#zones.image;
    this.#zone = this.#zones.zone;
    this.#version = this.#zones.version;
    for (let links = 0; links <= longestChain; links++) if (!this.#look(links)) return;
    // The chain is too long, and over.
  }

  /** RFC 1034 §4.3.2 step 3. Gives whether a CNAME leads on. */
  #look(links: number): boolean {
    const search = this.#search;
    const image = this.#image;
    const name = this.#name;
    search.find(image, this.#zone, this.#version, name);
    const { node, state } = search;
    if (links === 0) this.#about = image.words[node + nodeEntry.hash] ?? 0;
    if (this.#dnssecOk && this.#isSigned()) {
      this.#answerSigned(node, state);
      return false;
    }
    switch (search.ending) {
      case ending.exact:
        return this.#atNode(node, state, 0);
      case ending.wildcard:
        return this.#atNode(node, state, name.length - image.nameLength(node));
      case ending.cut:
        // RFC 4035 §3.1.4.1: at the cut itself the parent has the DS, or says that there is none.
        if (this.#type === rrType.DS && search.labels === name.labels) return this.#atNode(node, state, 0);
        this.#refer(node, state);
        return false;
      case ending.absent:
        // RFC 6604 §3: the code is that of the last name of a chain.
        this.#code = rcode.NXDOMAIN;
        if (links === 0) {
          this.#kind = answerKind.nxdomain;
          this.#about = image.words[this.#apex + nodeEntry.hash] ?? 0;
        }
        this.#deny();
        return false;
      default:
        // A DNAME makes a name that is nowhere yet.
        this.#declined = true;
        return false;
    }
  }

  #isSigned(): boolean {
    const image = this.#image;
    return image.rrset(image.stateAt(this.#apex, this.#version), keyOfSoaSignatures) !== 0;
  }

  /** Records that are there go out with their signatures (RFC 4035 §3.1.1); whatever needs a proof goes the long way. */
  #answerSigned(node: number, state: number): void {
    const image = this.#image;
    const type = this.#type;
    const rrset = this.#search.ending === ending.exact ? image.rrset(state, directoryKey(type) | 0) : 0;
    const isPlain = this.#minimal && this.#answers === 0 && rrset !== 0 && image.rrsetTargets(rrset) === 0;
    if (!isPlain) {
      this.#declined = true;
      return;
    }
    const signatures = image.rrset(state, directoryKey(rrType.RRSIG, type) | 0);
    const at = this.#at;
    const isWhole =
      this.#put(rrset, node, headerLength, 0) &&
      (signatures === 0 || this.#put(signatures, node, headerLength, 0));
    if (isWhole) {
      this.#answers = image.rrsetRecords(rrset) + (signatures === 0 ? 0 : image.rrsetRecords(signatures));
      return;
    }
    this.#at = at;
    this.#truncated = true;
  }

  get #apex(): number {
    return this.#image.words[this.#zone + zoneEntry.apex] ?? 0;
  }

  /** Step 3a, and 3c for a wildcard, whose name is `shift` octets shorter than the one it stands for. */
  #atNode(node: number, state: number, shift: number): boolean {
    const image = this.#image;
    const rrset = image.rrset(state, directoryKey(this.#type) | 0);
    if (rrset !== 0) {
      this.#answerAt = this.#at;
      this.#answerOwner = this.#pointerTo(0);
      this.#answer = rrset;
      this.#answerNode = node;
      if (!this.#put(rrset, node, this.#answerOwner, shift)) {
        this.#truncated = true;
        return false;
      }
      this.#answers += image.rrsetRecords(rrset);
      this.#completeAnswer();
      return false;
    }
    if (image.has(state, stateFlag.cname)) return this.#follow(node, state, shift);
    if (this.#answers === 0) this.#kind = answerKind.nodata;
    this.#deny();
    return false;
  }

  /** The zone's name servers, as far as there is room (RFC 1034 §4.3.2 leaves it open); what the records point to. */
  #completeAnswer(): void {
    const image = this.#image;
    this.#addedCount = 0;
    if (image.isWildcard(this.#answerNode)) {
      // The name that the wildcard stands for may have a node, too: as the target of what is added.
      const { hashes, labels, bytes, at, length } = this.#name;
      this.#answerNode = image.findNode(this.#zone, hashes[labels] ?? 0, bytes, at, length);
    }
    if (this.#minimal) {
      if (image.rrsetTargets(this.#answer) > 0)
        this.#putAdditional(this.#answer, this.#answerAt, this.#answerOwner);
      return;
    }
    const apex = this.#apex;
    const ns = image.rrset(image.stateAt(apex, this.#version), keyOfNs);
    const shift = this.#name.length - image.nameLength(apex);
    const nsAt = this.#at;
    let hasNs = false;
    if (ns !== 0 && ns !== this.#answer) {
      hasNs = this.#put(ns, apex, this.#pointerTo(shift), shift);
      // RFC 2181 §9: nothing that is needed is missing.
      if (!hasNs) return;
      this.#authorities += image.rrsetRecords(ns);
    }
    if (this.#putAdditional(this.#answer, this.#answerAt, this.#answerOwner) && hasNs)
      this.#putAdditional(ns, nsAt, this.#pointerTo(shift));
  }

  /** Step 3b. Only the first name of a chain makes an answer authoritative; a referral as the whole answer is not. */
  #refer(cut: number, state: number): void {
    const image = this.#image;
    if (this.#answers === 0) {
      this.#authoritative = false;
      this.#kind = answerKind.referral;
    }
    const ns = image.rrset(state, keyOfNs);
    const shift = this.#name.length - image.nameLength(cut);
    const owner = this.#pointerTo(shift);
    const nsAt = this.#at;
    if (!this.#put(ns, cut, owner, shift)) {
      this.#truncated = true;
      return;
    }
    this.#authorities += image.rrsetRecords(ns);
    this.#addedCount = 0;
    this.#answer = 0;
    this.#putAdditional(ns, nsAt, owner);
  }

  /** The SOA of negative answers (RFC 2308 §3). */
  #deny(): void {
    const image = this.#image;
    const apex = this.#apex;
    const soa = image.rrset(image.stateAt(apex, this.#version), negativeSoaKey);
    const shift = this.#name.length - image.nameLength(apex);
    if (this.#put(soa, apex, this.#pointerTo(shift), shift)) this.#authorities += 1;
    else this.#truncated = true;
  }

  /** A CNAME: the search starts again at its target (RFC 1034 §4.3.2 step 3a). */
  #follow(node: number, state: number, shift: number): boolean {
    const rrset = this.#image.rrset(state, keyOfCname);
    const at = this.#at;
    if (!this.#put(rrset, node, this.#pointerTo(0), shift)) {
      this.#truncated = true;
      return false;
    }
    this.#answers += 1;
    if (!this.#readChainName(at + 12)) return false;
    if (this.#isInChain(at)) return false;
    const status = this.#findZone(this.#target);
    if (status !== zoneStatus.served) return false;
    this.#name = this.#target;
    const zones = this.#zones;
    // Of one zone all of an answer comes from one version, and from one image, whatever has come into its place meanwhile.
    if (this.#isSameZone(zones.image, zones.zone)) return true;
    this.#image = zones.image;
    this.#zone = zones.zone;
    this.#version = zones.version;
    return true;
  }

  #isSameZone(image: ZoneImage, zone: number): boolean {
    if (image === this.#image) return zone === this.#zone;
    const apex = image.words[zone + zoneEntry.apex] ?? 0;
    return image.hasName(
      apex,
      this.#image.bytes,
      this.#image.nameAt(this.#apex),
      this.#image.nameLength(this.#apex),
    );
  }

  /** Reads the name that was written at `at`, following the pointers that it was written with, and remembers where its labels stand. */
  #readChainName(at: number): boolean {
    const out = this.#out;
    const name = this.#chainName;
    let from = at;
    let length = 0;
    for (;;) {
      const octet = out[from] ?? 0;
      if (octet >= 0xc0) {
        from = this.#start + (((octet & 0x3f) << 8) | (out[from + 1] ?? 0));
        continue;
      }
      this.#labelAt[length] = from - this.#start;
      for (let i = 0; i <= octet; i++) name[length + i] = out[from + i] ?? 0;
      length += octet + 1;
      if (octet === 0) break;
      from += octet + 1;
    }
    this.#isLinear = false;
    return this.#target.read(name, 0, length) !== 0;
  }

  /** Whether the name that the chain leads to was its start, or the target of a CNAME before: then it is a loop. */
  #isInChain(lastAt: number): boolean {
    const target = this.#target;
    if (this.#sameAs(target, this.#start + headerLength)) return true;
    let at = this.#start + headerLength + this.#question.length + 4;
    while (at < lastAt) {
      if (this.#sameAs(target, at + 12)) return true;
      at += 12 + u16(this.#out, at + 10);
    }
    return false;
  }

  /** Whether the name written at `at` is that one. */
  #sameAs(name: NameProbe, at: number): boolean {
    const out = this.#out;
    let from = at;
    for (let i = 0; ;) {
      const octet = out[from] ?? 0;
      if (octet >= 0xc0) {
        from = this.#start + (((octet & 0x3f) << 8) | (out[from + 1] ?? 0));
        continue;
      }
      if (octet !== name.bytes[name.at + i]) return false;
      if (octet === 0) return true;
      for (let j = 1; j <= octet; j++) {
        if (lower(out[from + j] ?? 0) !== lower(name.bytes[name.at + i + j] ?? 0)) return false;
      }
      from += octet + 1;
      i += octet + 1;
    }
  }

  /** Where the rest of the name that is looked for, from an octet of it on, stands in the message. */
  #pointerTo(offset: number): number {
    return this.#isLinear ? this.#nameAt + offset : (this.#labelAt[offset] ?? 0);
  }

  /**
   * Appends an RRset if there is room; gives whether there was. `owner` is where its owner stands in the message; the name looked for is
   * `shift` octets longer than the name of `node`, or it stands in its place (a wildcard).
   */
  #put(rrset: number, node: number, owner: number, shift: number): boolean {
    const image = this.#image;
    const length = image.rrsetLength(rrset);
    const at = this.#at;
    if (at + length > this.#end) return false;
    const out = this.#out;
    copy(image.bytes, (rrset + 2) * 4, out, at, length);
    this.#at = at + length;
    const position = at - this.#start;
    if (owner !== headerLength) this.#point(at, owner);
    const fixes = image.rrsetFixes(rrset);
    if (fixes === 0) return true;
    const first = answerStart(image.nameLength(node));
    const moved = position - first;
    if (moved === 0 && shift === 0 && this.#isLinear) return true;
    const from = image.fixesAt(rrset);
    for (let i = 0; i < fixes; i++) {
      const fix = image.words[from + i] ?? 0;
      const place = at + (fix & 0xffff);
      switch (fix >>> 16) {
        case fixKind.owner:
          this.#point(place, owner);
          break;
        case fixKind.suffix: {
          const offset = (u16(out, place) & 0x3fff) - headerLength + shift;
          this.#point(place, this.#pointerTo(offset));
          break;
        }
        default:
          this.#point(place, (u16(out, place) & 0x3fff) + moved);
          break;
      }
    }
    return true;
  }

  #point(at: number, to: number): void {
    if (to >= pointerReach) this.#declined = true;
    put16(this.#out, at, 0xc000 | to);
  }

  /**
   * Appends what this zone has of the names that an RRset, written at `at` with that owner, points to: addresses above all. Gives whether all
   * had room.
   */
  #putAdditional(rrset: number, at: number, owner: number): boolean {
    const image = this.#image;
    const targets = image.rrsetTargets(rrset);
    if (targets === 0) return true;
    let list = image.fixesAt(rrset) + image.rrsetFixes(rrset);
    for (let i = 0; i < targets; i++, list += 2) {
      const flags = image.words[list] ?? 0;
      const node = image.words[list + 1] ?? 0;
      const state = this.#glueState(node);
      if (state === 0) continue;
      const name = (flags & targetFlag.owner) !== 0 ? owner : at - this.#start + (flags & 0xffff);
      if (!this.#putGlue(state, node, name, rrType.A, flags)) return false;
      if (!this.#putGlue(state, node, name, rrType.AAAA, flags)) return false;
      if ((flags & targetFlag.route) !== 0) {
        if (!this.#putGlue(state, node, name, rrType.X25, flags)) return false;
        if (!this.#putGlue(state, node, name, rrType.ISDN, flags)) return false;
      }
      if ((flags & targetFlag.alias) !== 0 && !this.#putGlue(state, node, name, this.#type, flags))
        return false;
    }
    return true;
  }

  /** The state to take a target's records from: its own, or that of the wildcard that stands for it; 0 for none. */
  #glueState(node: number): number {
    const image = this.#image;
    const state = image.stateAt(node, this.#version);
    if (image.exists(state)) return state;
    const at = image.nameAt(node);
    this.#glue.read(image.bytes, at, at + image.nameLength(node));
    this.#glueSearch.find(image, this.#zone, this.#version, this.#glue);
    return this.#glueSearch.ending === ending.wildcard ? this.#glueSearch.state : 0;
  }

  #putGlue(state: number, node: number, name: number, type: number, flags: number): boolean {
    const image = this.#image;
    const rrset = image.rrset(state, directoryKey(type));
    if (rrset === 0 || this.#isAdded(node, type)) return true;
    const at = this.#at;
    const length = image.rrsetLength(rrset);
    if (at + length > this.#end) {
      // RFC 9471 §3.1; a name server's address beside an answer is a courtesy. In-domain glue comes first, so nothing that is
      // needed follows.
      if ((flags & targetFlag.inDomain) !== 0 && this.#answers === 0 && !this.#authoritative)
        this.#truncated = true;
      return false;
    }
    copy(image.bytes, (rrset + 2) * 4, this.#out, at, length);
    this.#at = at + length;
    this.#point(at, name);
    const fixes = image.rrsetFixes(rrset);
    const from = image.fixesAt(rrset);
    // Names in such data are never compressed, so there are no others than owners.
    for (let i = 0; i < fixes; i++) this.#point(at + ((image.words[from + i] ?? 0) & 0xffff), name);
    this.#additionals += image.rrsetRecords(rrset);
    return true;
  }

  /** Whether that RRset is in the answer already; remembers that it is now. */
  #isAdded(node: number, type: number): boolean {
    if (this.#answer !== 0 && node === this.#answerNode && type === this.#type) return true;
    const added = this.#added;
    const count = this.#addedCount;
    for (let i = 0; i < count; i++) if (added[i * 2] === node && added[i * 2 + 1] === type) return true;
    if (count === mostAdditional) {
      this.#declined = true;
      return true;
    }
    added[count * 2] = node;
    added[count * 2 + 1] = type;
    this.#addedCount = count + 1;
    return false;
  }
}

function copy(from: Uint8Array, at: number, to: Uint8Array, toAt: number, length: number): void {
  if (length > shortCopy) {
    to.set(from.subarray(at, at + length), toAt);
    return;
  }
  for (let i = 0; i < length; i++) to[toAt + i] = from[at + i] ?? 0;
}

function lower(octet: number): number {
  return octet >= 0x41 && octet <= 0x5a ? octet + 0x20 : octet;
}

function u16(bytes: Uint8Array, at: number): number {
  return ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
}

function put16(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >>> 8;
  bytes[at + 1] = value;
}
