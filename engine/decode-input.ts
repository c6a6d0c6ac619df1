import {readFileSync, statSync} from 'node:fs';
import type {AnyArtifactType, ByteSource} from './artifact.ts';
import {digestBytes, digestFile, type Digest} from './digest.ts';
import type {OpenedFiles} from './opened-files.ts';
import type {ArtifactSource, InputSource} from './protocol.ts';
import type {EachInput} from './stage.ts';

/** An object that is gone, or whose bytes have another digest. */
export class DamagedObject extends Error {
	readonly digest: Digest;

	constructor(digest: Digest) {
		super(`Object ${digest} in the cache is damaged or missing`);
		this.digest = digest;
	}
}

/** Files up to this size are read as a whole, which is fastest; larger ones piece by piece, where their kind lets that be. */
const wholeLimitBytes = 256 * (1024 ** 2);

/**
 * The value of one input.
 * @param files what stays open while the value is used
 * @throws {DamagedObject} when an artifact is not what its digest says
 */
export function decodeInput(declaration: AnyArtifactType | EachInput<AnyArtifactType>, input: InputSource, files: OpenedFiles): unknown {
	switch (input.source) {
		case 'files': {
			return input.files;
		}

		case 'file': {
			return input.file;
		}

		case 'each': {
			const {type} = declaration as EachInput<AnyArtifactType>;
			return Object.fromEntries(Object.entries(input.variants).map(([variant, source]) => [variant, valueOf(type, source, files)]));
		}

		case 'artifact': {
			return valueOf(declaration as AnyArtifactType, input.artifact, files);
		}
	}
}

/** @param limitBytes files up to this size are read as a whole */
export function valueOf(type: AnyArtifactType, source: ArtifactSource, files: OpenedFiles, limitBytes = wholeLimitBytes): unknown {
	if (type.open && 'file' in source && (statSync(source.file, {throwIfNoEntry: false})?.size ?? 0) > limitBytes) {
		return type.open(openWhole(source, files));
	}

	return type.decode(bytesOf(source));
}

function openWhole({file, digest}: {readonly file: string; readonly digest: Digest}, files: OpenedFiles): ByteSource {
	try {
		// Opened first: what is read later is what was hashed, whatever happens to the name.
		const source = files.open(file);
		if (digestFile(file) === digest) {
			return source;
		}
	} catch {
		// As good as gone.
	}

	throw new DamagedObject(digest);
}

/** Never trusts the disk: what is read must have the digest it is named by. */
function bytesOf(source: ArtifactSource): Uint8Array {
	let bytes: Uint8Array;
	try {
		bytes = 'bytes' in source ? source.bytes : readFileSync(source.file);
	} catch {
		throw new DamagedObject(source.digest);
	}

	if (digestBytes(bytes) !== source.digest) {
		throw new DamagedObject(source.digest);
	}

	// A small file may be a view into Node's shared pool, at any offset; arrays need an aligned start.
	return bytes.byteOffset % 8 === 0 ? bytes : Uint8Array.from(bytes);
}
