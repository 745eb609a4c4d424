import type { Decision } from '../../../schema/user-errors.ts';
import { type CommandContext, type CommandResult, accepted, record } from '../../shared/command.ts';
import { type SkillChange, decideSkillAddition, decideSkillRemoval } from '../domain/skills.ts';
import { type CreatorAnswer, readOwn, writeOwn } from './own-creator.ts';

export interface ChangeSkillsInput {
  readonly expectedVersion: number;
  readonly skills: readonly string[];
}

export function addSkills(context: CommandContext, input: ChangeSkillsInput): Promise<CommandResult<CreatorAnswer>> {
  return changeSkills(context, input, decideSkillAddition);
}

export function removeSkills(context: CommandContext, input: ChangeSkillsInput): Promise<CommandResult<CreatorAnswer>> {
  return changeSkills(context, input, decideSkillRemoval);
}

async function changeSkills(
  context: CommandContext,
  input: ChangeSkillsInput,
  decide: (current: readonly string[], texts: readonly string[]) => Decision<SkillChange>,
): Promise<CommandResult<CreatorAnswer>> {
  const own = await readOwn(context, input.expectedVersion);
  if (!own.ok) return own;
  const decision = decide(own.value.props.skills, input.skills);
  if (!decision.ok) return decision;
  const { skills, added, removed } = decision.value;
  await writeOwn(context, own.value, { skills });
  const event = await record(context, {
    type: 'creator.skills-changed',
    entityId: own.value.id,
    payload: { added: [...added], removed: [...removed] },
  });
  return accepted({ creatorId: own.value.id }, [event]);
}
