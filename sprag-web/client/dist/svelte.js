import{a as t}from"./shared-H7CQSW5X.js";import"./shared-U44E54WG.js";function n(s,o){let e=t(s,o);return{subscribe(r){return r(e.get()),e.subscribe(()=>r(e.get()))}}}export{n as readable};
