import{a as t}from"./shared-GW4VCD4Q.js";function n(s,o){let e=t(s,o);return{subscribe(r){return r(e.get()),e.subscribe(()=>r(e.get()))}}}export{n as readable};
