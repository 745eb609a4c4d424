import type { ImportLine } from '../schema/import/line.ts';
import { publishArtifact } from '../subgraphs/artifacts/commands/publish-artifact.ts';
import type { CommandContext, CommandResult } from '../subgraphs/shared/command.ts';
import { idOf } from './references.ts';
