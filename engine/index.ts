/** What pipelines and stages use of the engine: one entry for whoever builds on it. `examples/word-count` shows how. */
export {Type, type Static} from '@sinclair/typebox';
export {artifactType, jsonArtifact, textArtifact, type ArtifactType, type ValueOf} from './artifact.ts';
export {UserError, type ErrorDetails} from './error.ts';
export {definePipeline, type Deliverables, type Pipeline, type Ref, type Wiring} from './pipeline.ts';
export {defineStage, each, file, files, type Backend, type ComputingDevice, type FileSet, type InputFile, type Runtime, type SourceFile, type Stage, type StageContext, type ThreadFunctions, type Threads} from './stage.ts';
