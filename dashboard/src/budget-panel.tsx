import type { Client } from '../../sdk/client.ts';
import { PrivacyBudgetDocument } from '../../sdk/generated/operations.ts';
import { titled } from './choice.tsx';
import { useQuery } from './use-query.ts';

/** What whoever looks at all of this may learn about one account, by the ledger. */
export function BudgetPanel({ client }: { readonly client: Client }) {
  const loaded = useQuery('privacy budget', () => client.request(PrivacyBudgetDocument));
  const budget = loaded.data?.privacyBudget;
  if (loaded.error) return <p className="notice bad">{loaded.error}</p>;
  if (!budget) return null;
  const share = budget.limit.epsilon > 0 ? budget.spent.epsilon / budget.limit.epsilon : 0;
  return (
    <section className="card" aria-labelledby="budget-title">
      <h2 id="budget-title">Privacy budget</h2>
      <p>
        {budget.day ? `On ${budget.day}` : 'So far'} an account’s whole day costs ε = {budget.spent.epsilon.toFixed(3)}{' '}
        of {budget.limit.epsilon.toFixed(3)} at δ = {budget.delta.toExponential(0)}; ε ={' '}
        {budget.left.epsilon.toFixed(3)} is left. (Budgets add up in ρ, the ledger’s unit; their ε do not.)
      </p>
      <meter min={0} max={1} value={share} aria-label="Share of the day’s budget that is spent" />
      <p className="fine">
        Who was active on each of the last 30 days has lost at most ε = {budget.last30Days.epsilon.toFixed(2)}, over 365
        days {budget.last365Days.epsilon.toFixed(2)}. The ledger has {Number(budget.ledgerRows).toLocaleString('en')}{' '}
        rows; anybody can verify it.
      </p>
      <details>
        <summary>By metric</summary>
        <div className="scroll" role="region" aria-label="Budget by metric" tabIndex={0}>
          <table>
            <thead>
              <tr>
                <th scope="col">Metric</th>
                <th scope="col">ε a day</th>
                <th scope="col">Charged</th>
              </tr>
            </thead>
            <tbody>
              {budget.metrics.map(({ metric, cost, charged }) => (
                <tr key={metric.id}>
                  <th scope="row">
                    {titled(metric.id)} <span className="fine">protects {metric.protects}</span>
                  </th>
                  <td>{cost.epsilon.toFixed(3)}</td>
                  <td>{charged ? 'yes' : 'no'}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      </details>
    </section>
  );
}
