import CopyToClipboard from '@cloudscape-design/components/copy-to-clipboard';
import ExpandableSection from '@cloudscape-design/components/expandable-section';
import { script, type Operation } from '../aws/operation';

/** The commands that do what a form would do, to copy. */
export function AwsCommand({ operations }: { operations: Operation[] }) {
  const text = script(operations).join('\n');
  if (text === '') return null;
  return (
    <ExpandableSection headerText="The same by the AWS CLI" variant="footer">
      <div className="command">
        <pre className="code code-box" data-testid="aws-command">{text}</pre>
        <CopyToClipboard variant="icon" copyButtonAriaLabel="Copy the command" copySuccessText="Copied" copyErrorText="Could not be copied" textToCopy={text} />
      </div>
    </ExpandableSection>
  );
}
