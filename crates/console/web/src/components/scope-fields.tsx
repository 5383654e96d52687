import SpaceBetween from '@cloudscape-design/components/space-between';
import { useState } from 'react';
import { useKind } from '../data/lab';
import { useFilter } from '../data/scope';
import type { Scope } from '../data/types';
import { TextField } from './fields';

const REGION = /^[a-z]{2}(-[a-z]+)+-\d$/;
const ACCOUNT = /^\d{12}$/;
export const regionError = (text: string) => (text === '' || REGION.test(text) ? undefined : 'A region such as ap-northeast-2');
export const accountError = (text: string) => (text === '' || ACCOUNT.test(text) ? undefined : 'Twelve digits');

/** Where something was made last: the next one is likely to be made there too. */
let last: Scope | undefined;
export const madeIn = (scope: Scope) => { last = scope; };
const FIRST: Scope = { Region: 'us-east-1', OwnerId: '000000000000' };

export interface ScopeForm { scope: Scope; region: string; account: string; setRegion: (text: string) => void; setAccount: (text: string) => void; whole: boolean }

/** The region and the account of something that belongs to nothing yet: those that the page shows, the last ones, or those of a VPC. */
export function useScopeForm(): ScopeForm {
  const filter = useFilter();
  const vpcs = useKind('vpcs').items;
  const likely = last ?? vpcs[0] ?? FIRST;
  const [region, setRegion] = useState(filter.region || likely.Region);
  const [account, setAccount] = useState(filter.account || likely.OwnerId);
  const scope = { Region: region, OwnerId: account };
  const whole = REGION.test(region) && ACCOUNT.test(account);
  return { scope, region, account, setRegion, setAccount, whole };
}

export const ScopeFields = ({ region, account, setRegion, setAccount }: ScopeForm) => (
  <SpaceBetween size="l">
    <TextField label="Region" value={region} set={setRegion} error={regionError(region)} />
    <TextField label="Account" value={account} set={setAccount} error={accountError(account)} />
  </SpaceBetween>
);
