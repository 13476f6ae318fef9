export { diagnose } from './diagnose.ts';
export { type DiagnoseOptions, type ToolCall } from './diagnose-options.ts';
export {
  type Diagnosis,
  type DiagnosisStep,
  type Finding,
  type ListedTool,
  type StepName,
  type StepStatus,
} from './diagnosis.ts';
export { FINDING_CODES, type FindingCode } from './finding-code.ts';
export { exitCodeOf } from './output/exit-code.ts';
export { formatStep, formatTree, formatVerdict, type FormatOptions } from './output/tree.ts';
