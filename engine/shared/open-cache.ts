import type {SharedLocation} from './location.ts';
import type {SharedCache} from './shared-cache.ts';

/** Opens a shared cache without asking anything of it. The client of S3 is loaded only for buckets. */
export async function openCache(location: SharedLocation): Promise<SharedCache> {
	switch (location.kind) {
		case 'folder': {
			return (await import('./folder-cache.ts')).folderCache(location.folder);
		}

		case 's3': {
			return (await import('./s3-cache.ts')).s3Cache(location);
		}
	}
}
