/** An intrinsic operation as CIM-XML. */
export function callXml(method: string, parameters = '', namespace = 'root/cimv2'): string {
  const components = namespace.split('/').map((name) => `<NAMESPACE NAME="${name}"/>`);
  return (
    '<?xml version="1.0" encoding="utf-8"?><CIM CIMVERSION="2.0" DTDVERSION="2.0"><MESSAGE ID="7" PROTOCOLVERSION="1.0">' +
    `<SIMPLEREQ><IMETHODCALL NAME="${method}"><LOCALNAMESPACEPATH>${components.join('')}</LOCALNAMESPACEPATH>` +
    `${parameters}</IMETHODCALL></SIMPLEREQ></MESSAGE></CIM>`
  );
}

export const ofClass = (name: string): string =>
  `<IPARAMVALUE NAME="ClassName"><CLASSNAME NAME="${name}"/></IPARAMVALUE>`;
