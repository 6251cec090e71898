import { association } from '../provider/association.js';
import { filled, label } from '../provider/codec.js';
import { element } from '../provider/element.js';
import { instanceIdOf } from '../provider/pattern.js';
import type { Records } from '../xenapi/records.js';
import { well } from './condition.js';
import { host } from './host.js';
import { hostPool } from './pool.js';
import { snapshot, template } from './setting.js';
import { diskImage, storagePool } from './storage.js';
import { system } from './system.js';

type Message = Records['message'];

/** What the priorities of messages mean (XenAPI message.priority): 4 tells that something got better again. */
const severities: Readonly<Record<string, string>> = {
  '1': 'Critical',
  '2': 'Major',
  '3': 'Degraded/Warning',
  '4': 'Information',
  '5': 'Information',
};

/** How many messages a pool keeps before the oldest go. */
const kept = 10_000;
const logName = 'XenAPI messages';

export const recordLog = element('Xen_RecordLog', 'pool', {
  reads: { messages: ['#message'] },
  key: { form: 'member', owner: 'self', suffix: { text: 'Messages' } },
  properties: {
    Caption: { value: 'Messages of a Xen pool' },
    Name: { value: logName },
    ElementName: { value: logName },
    MaxNumberOfRecords: { value: kept },
    CurrentNumberOfRecords: { calc: (_pool, { messages }) => messages },
    OverwritePolicy: { value: label('Wraps When Full') },
    LogState: { value: label('Normal') },
    EnabledState: { value: label('Enabled') },
    RequestedState: { value: label('Not Applicable') },
    ...well,
  },
});

const logId = instanceIdOf(recordLog);

export const logEntry = element('Xen_LogEntry', 'message', {
  reads: { pool: ['@pool'] },
  key: { form: 'setting' },
  properties: {
    Caption: { value: 'Message of a Xen pool' },
    ElementName: { calc: ({ name, uuid }) => name || uuid },
    LogInstanceID: { calc: (_message, reads) => reads.pool && logId(reads.pool, reads, {}) },
    LogName: { value: logName },
    RecordID: 'uuid',
    CreationTimeStamp: 'timestamp',
    MessageID: 'name',
    Message: { field: 'body', as: filled },
    RecordData: { field: 'body', as: filled },
    RecordFormat: { value: 'string body' },
    OwningEntity: { value: 'XenAPI' },
    PerceivedSeverity: {
      field: 'priority',
      as: {
        read: (priority: Message['priority']) => label(severities[String(priority)] ?? 'Unknown'),
        labels: [...new Set([...Object.values(severities), 'Unknown'])],
      },
    },
    Priority: 'priority',
    ElementClass: 'cls',
    ElementID: { field: 'obj_uuid', as: filled },
  },
});

export const alertAssociations = [
  association('Xen_LogManagesRecord', ['Record', logEntry], ['Log', recordLog], ['@pool']),
  association('Xen_UseOfLog', ['Dependent', host], ['Antecedent', recordLog], ['@pool']),
  association(
    'Xen_RecordAppliesToElement',
    ['Antecedent', logEntry],
    ['Dependent', [system, template, snapshot]],
    ['obj_uuid=VM'],
  ),
  association('Xen_RecordAppliesToElement', ['Antecedent', logEntry], ['Dependent', host], ['obj_uuid=host']),
  association('Xen_RecordAppliesToElement', ['Antecedent', logEntry], ['Dependent', storagePool], ['obj_uuid=SR']),
  association('Xen_RecordAppliesToElement', ['Antecedent', logEntry], ['Dependent', diskImage], ['obj_uuid=VDI']),
  association('Xen_RecordAppliesToElement', ['Antecedent', logEntry], ['Dependent', hostPool], ['obj_uuid=pool']),
];
