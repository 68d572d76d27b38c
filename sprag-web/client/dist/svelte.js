import{a as t}from"./shared-U3HB2ZDV.js";import"./shared-BGA4KVT3.js";function n(s,o){let e=t(s,o);return{subscribe(r){return r(e.get()),e.subscribe(()=>r(e.get()))}}}export{n as readable};
