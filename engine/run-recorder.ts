import type {Outcome, RunEvent} from './event.ts';
import type {Node} from './graph.ts';
import {renewEveryMs} from './leases.ts';
import type {NodeRecord, RunRecords} from './run-records.ts';

/** Writes down a run while it goes on: what it uses, so that nobody removes it, and in the end what became of every node. */
export class RunRecorder {
	readonly #records: RunRecords;
	readonly #nodes: readonly Node[];
	readonly #run: number;
	readonly #outcomes = new Map<Node, Outcome>();
	#timer: NodeJS.Timeout | undefined;
	#isChanged = false;

	constructor(records: RunRecords, nodes: readonly Node[], {command, params}: {readonly command: string; readonly params: Readonly<Record<string, unknown>>}) {
		this.#records = records;
		this.#nodes = nodes;
		this.#run = records.start(command, params);
	}

	note(event: RunEvent): void {
		if (event.event === 'finished') {
			this.#outcomes.set(event.node, event.outcome);
			this.#isChanged = true;
		} else if ((event.event === 'started' || event.event === 'elsewhere') && this.#timer === undefined) {
			// A run that only reuses is over before anybody could remove anything.
			this.#records.update(this.#run, this.#nodeRecords());
			this.#timer = setInterval(() => {
				this.#updateIfPossible();
			}, renewEveryMs);
		}
	}

	finish(): void {
		clearInterval(this.#timer);
		const failures = [...this.#outcomes].flatMap(([{name}, outcome]) => (outcome.outcome === 'failed' ? [{name, log: [outcome.log, outcome.error.message].join('\n')}] : []));
		this.#records.finish(this.#run, this.#nodeRecords(), failures);
	}

	#updateIfPossible(): void {
		try {
			this.#update();
		} catch {
			// The cache cannot be used any more: the renewal of leases ends the run and tells why.
			clearInterval(this.#timer);
		}
	}

	#update(): void {
		if (this.#isChanged) {
			this.#isChanged = false;
			this.#records.update(this.#run, this.#nodeRecords());
		} else {
			this.#records.renew(this.#run);
		}
	}

	#nodeRecords(): readonly NodeRecord[] {
		return this.#nodes.map(node => {
			const outcome = this.#outcomes.get(node);
			return {name: node.name, outcome: outcome?.outcome ?? 'pending', fingerprint: outcome && 'result' in outcome ? outcome.result.fingerprint : undefined};
		});
	}
}
