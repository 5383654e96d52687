// The pages, as the navigation shows them. Each service is a bundle of its own, loaded when one of its pages is opened.
export interface Section { text: string; service: string; pages: Array<{ text: string; page: string }> }

export const SECTIONS: Section[] = [
  { text: 'VPC', service: 'vpc', pages: [
    { text: 'VPCs', page: 'vpcs' },
  ] },
];
