import type {WeightOutline} from '../outline.ts';
import type {InitialValues} from '../initial-values.ts';
import type {WeightFormat} from '../weight-format.ts';
import type {FeatureLayers, Layers} from './layers.ts';

/** What a network computes before its last layer. */
export type Trunk<X> = {
	/** One vector per image. */
	readonly features: X;
	/** The hidden layers that a dependency-based defence looks at, first one first: images, or the ends of the four stages. */
	readonly hidden: readonly X[];
	/** Logits of a second head that only training looks at, where the network has one and is asked for it. */
	readonly auxiliary?: X;
};

/** What a network may leave out or do besides. */
export type TrunkOptions = {
	/** Outputs of the auxiliary head; absent: it is not computed. */
	readonly auxiliaryClasses?: number | undefined;
	/** Whether the network first changes the scale of its input; see Inception-v3. */
	readonly transformInput?: boolean | undefined;
};

/** Weights that were published for another network, from which the training of this one starts. */
export type Backbone = {
	/** Name of a weight in that file. */
	nameOf(own: string): string;
	/** Layers that the file does not have, besides the last one: they start anew. */
	readonly fresh: readonly string[];
	/** Layers that the file has and this network has not. */
	readonly unused: readonly string[];
};

/** An architecture. */
export type Network = {
	/** The definition: images → features. */
	trunk<X>(layers: Layers<X>, images: X, options: TrunkOptions): Trunk<X>;
	/** Name of the last layer, a linear one from the features to the classes. */
	readonly head: string;
	readonly format: WeightFormat;
	/** Initial values of a weight. */
	initialValues(weight: WeightOutline): InitialValues;
	/** Whether the features are brought to length 1 for whoever compares images; the last layer reads them as they are. Absent: not. */
	readonly isEmbedding?: boolean;
	/** Name of the last layer of a second head that training has; absent: there is none. */
	readonly auxiliaryHead?: string;
	/** What its training starts from; absent: from weights of the same network. */
	readonly backbone?: Backbone;
	/** Numbers that a bottleneck before the last layer lets through unless it says otherwise; absent: half as many as there are features, as the paper's 1024 of 2048. */
	readonly bottleneckWidth?: number;
};

/** An architecture that only compares images: one that is no classifier, or a classifier's without its last layer. Every `Network` is one. */
export type FeatureArchitecture = Pick<Network, 'head' | 'format' | 'isEmbedding' | 'auxiliaryHead'> & {
	/** The definition: images → features. */
	trunk<X>(layers: FeatureLayers<X>, images: X, options: TrunkOptions): Trunk<X>;
};
